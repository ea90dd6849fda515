pub struct Host<T> {
    pub store: wasmtime::Store<T>,
}

pub fn other() {
    wasmtime::other();
}
