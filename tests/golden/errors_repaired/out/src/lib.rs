use wasmtime::{Store, Val};

pub struct Host<T: 'static> {
    pub store: Store<T>,
}

pub fn host<T: Clone + 'static>(data: &T) -> Host<T> {
    Host { store: Store(data.clone()) }
}

pub fn number(value: &Val) -> Result<i32, String> {
    match value {
        Val::I32(number) => Ok(*number),
        Val::AnyRef(_) => Err("AnyRef is no number".to_owned()),
        Val::ExnRef(_) => Err("ExnRef is no number".to_owned()),
    }
}
