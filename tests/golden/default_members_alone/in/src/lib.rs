pub fn host(_: &wasmtime::Engine) {
    helper::Helper.more();
}
