pub mod files {
    wasmtime::component::bindgen!({ world: "host" });
}

pub mod made_up {
    wasmtime::component::bindgen!({ interfaces: "import %map: func(of: f32);" });
}

pub mod inline {
    wasmtime::component::bindgen!({
        inline: r#"
            package own:inline;

            // A map, and no float32.
            world inline {
                import %map: func(of: f32) -> f64;
            }
        "#,
        path: "none",
    });
}
