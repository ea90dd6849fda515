use std::cell::RefCell;
use std::rc::Rc;

/// The lines that guests asked their host to note, oldest first.
///
/// Clones share the lines, so that the host can read them while the stores of
/// its guests hold on to the journal.
#[derive(Clone, Debug, Default)]
pub struct Journal(Rc<RefCell<Vec<String>>>);

impl Journal {
    /// A copy of the lines so far.
    pub fn lines(&self) -> Vec<String> {
        self.0.borrow().clone()
    }

    pub(crate) fn note(&self, line: String) {
        self.0.borrow_mut().push(line);
    }
}
