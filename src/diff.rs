//! What changed between two texts, as `git` and `patch` write it.

use diffy::{DiffOptions, PatchFormatter};

/// A unified diff of two texts, headed by the names that are given for them; empty when they are the same.
#[must_use]
pub(crate) fn unified(before: (&str, &str), after: (&str, &str)) -> String {
    let ((old_name, old), (new_name, new)) = (before, after);
    if old == new {
        return String::new();
    }
    let patch = DiffOptions::new()
        .set_original_filename(old_name.to_owned())
        .set_modified_filename(new_name.to_owned())
        .create_patch(old, new);
    // An empty line has its blank in front, as `git` writes it: not all tools read it without.
    let formatter = PatchFormatter::new().suppress_blank_empty(false);
    formatter.fmt_patch(&patch).to_string()
}

#[cfg(test)]
mod tests {
    use super::unified;

    #[test]
    fn lines_that_changed_stand_among_three_that_did_not() {
        let old = "1\n2\n\n4\n5\n6\n7\n8\n9\n";
        let new = "1\n2\n\n4\nfive\n6\n7\n8\n9\n";
        assert_eq!(
            unified(("a/x", old), ("b/x", new)),
            "--- a/x\n+++ b/x\n@@ -2,7 +2,7 @@\n 2\n \n 4\n-5\n+five\n 6\n 7\n 8\n"
        );
        assert_eq!(unified(("a/x", old), ("b/x", old)), "");
    }

    #[test]
    fn the_end_of_a_last_line_and_carriage_returns_are_kept() {
        assert_eq!(
            unified(("a/x", "1\r\n2"), ("b/x", "1\r\n2\r\n")),
            "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n 1\r\n-2\n\\ No newline at end of file\n+2\r\n"
        );
        assert_eq!(
            unified(("/dev/null", ""), ("b/x", "1\n")),
            "--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+1\n"
        );
    }
}
