pub trait IoView {}

pub fn f<T: IoView>(_: T) {}
