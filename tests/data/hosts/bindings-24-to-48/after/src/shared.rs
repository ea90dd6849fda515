use std::collections::HashMap;
use std::rc::Rc;

#[derive(Default)]
pub struct Shelves {
    pub items: HashMap<String, u32>,
    pub name: Rc<str>,
}
