pub fn read(wasm: &[u8]) {
    wasmparser::Parser::new(0).parse_all(wasm);
}
