pub fn tool() {
    helper::Helper.more();
}
