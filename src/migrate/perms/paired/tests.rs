use crate::migrate::perms::perms;
use crate::migrate::tests::{edited, moving};

fn run(before: &str) -> (String, usize) {
    let result = moving(perms, before, 40, 48);
    (edited(before, result.edits.clone()), result.remaining.len())
}

const USES: &str = "use wasmtime_wasi::{DirPerms, FilePerms};\n";
const USED: &str = "use wasmtime_wasi::FsPerms;\n";

#[test]
fn two_that_are_handed_through_become_one() {
    for (before, after) in [
        (
            "fn perms_of(m: &Mount) -> (DirPerms, FilePerms) {\n    if m.read_only {\n        (DirPerms::READ, FilePerms::READ)\n    } else {\n        (DirPerms::all(), FilePerms::all())\n    }\n}\nfn open() {\n    let (dirs, files) = perms_of(m);\n    b.preopened_dir(&m.host, &m.guest, dirs, files)?;\n}\n",
            "fn perms_of(m: &Mount) -> FsPerms {\n    if m.read_only {\n        FsPerms::ReadOnly\n    } else {\n        FsPerms::ReadWrite\n    }\n}\nfn open() {\n    let fs_perms = perms_of(m);\n    b.preopened_dir(&m.host, &m.guest, fs_perms)?;\n}\n",
        ),
        (
            "fn f() -> Option<(DirPerms, FilePerms)> {\n    match a { 1 => None, _ => Some((DirPerms::all(), FilePerms::all())) }\n}\nfn g() {\n    if let Some((d, e)) = f() { b.preopened_dir(h, g, d, e)?; }\n}\n",
            "fn f() -> Option<FsPerms> {\n    match a { 1 => None, _ => Some(FsPerms::ReadWrite) }\n}\nfn g() {\n    if let Some(fs_perms) = f() { b.preopened_dir(h, g, fs_perms)?; }\n}\n",
        ),
        (
            "fn open(b: &mut B, host: &Path, dir_perms: DirPerms, file_perms: FilePerms) {\n    b.preopened_dir(host, \"/\", dir_perms, file_perms)?;\n}\nfn f() {\n    open(b, p, DirPerms::READ, FilePerms::READ);\n    open(\n        b,\n        p,\n        DirPerms::all(),\n        FilePerms::all(),\n    );\n}\n",
            "fn open(b: &mut B, host: &Path, fs_perms: FsPerms) {\n    b.preopened_dir(host, \"/\", fs_perms)?;\n}\nfn f() {\n    open(b, p, FsPerms::ReadOnly);\n    open(\n        b,\n        p,\n        FsPerms::ReadWrite,\n    );\n}\n",
        ),
        (
            "impl S {\n    fn open(&self, d: DirPerms, f: FilePerms) { self.b.preopened_dir(h, g, d, f); }\n    fn all(&self) { for (dirs, files) in [(DirPerms::READ, FilePerms::READ)] { self.open(dirs, files) } }\n}\n",
            "impl S {\n    fn open(&self, fs_perms: FsPerms) { self.b.preopened_dir(h, g, fs_perms); }\n    fn all(&self) { for fs_perms in [FsPerms::ReadOnly] { self.open(fs_perms) } }\n}\n",
        ),
        (
            "fn f(allowed: &[(String, DirPerms, FilePerms)]) {\n    for (dir, dir_perm, file_perm) in allowed {\n        b.preopened_dir(dir, dir, *dir_perm, *file_perm)?;\n    }\n}\n",
            "fn f(allowed: &[(String, FsPerms)]) {\n    for (dir, fs_perm) in allowed {\n        b.preopened_dir(dir, dir, *fs_perm)?;\n    }\n}\n",
        ),
    ] {
        let (before, after) = (format!("{USES}{before}"), format!("{USED}{after}"));
        assert_eq!(run(&before), (after, 0));
    }
}

#[test]
fn two_fields_become_one() {
    let before = "pub struct Mount {\n    pub host: PathBuf,\n    /// Of directories.\n    pub dir_perms: DirPerms,\n    /// Of files.\n    pub file_perms: FilePerms,\n}\n\nimpl Mount {\n    pub fn read_only(host: PathBuf) -> Self {\n        Self { host, dir_perms: DirPerms::READ, file_perms: FilePerms::READ }\n    }\n    pub fn new(host: PathBuf, writable: bool) -> Self {\n        let (dir_perms, file_perms) = if writable {\n            (DirPerms::all(), FilePerms::all())\n        } else {\n            (DirPerms::READ, FilePerms::READ)\n        };\n        Self {\n            host,\n            dir_perms,\n            file_perms,\n        }\n    }\n    pub fn of(host: PathBuf, d: DirPerms, f: FilePerms) -> Self {\n        Self { host, dir_perms: d, file_perms: f }\n    }\n    fn open(&self, b: &mut B) {\n        b.preopened_dir(&self.host, \"/\", self.dir_perms, self.file_perms)?;\n    }\n}\n";
    let after = "pub struct Mount {\n    pub host: PathBuf,\n    /// Of directories.\n    pub fs_perms: FsPerms,\n}\n\nimpl Mount {\n    pub fn read_only(host: PathBuf) -> Self {\n        Self { host, fs_perms: FsPerms::ReadOnly }\n    }\n    pub fn new(host: PathBuf, writable: bool) -> Self {\n        let fs_perms = if writable {\n            FsPerms::ReadWrite\n        } else {\n            FsPerms::ReadOnly\n        };\n        Self {\n            host,\n            fs_perms,\n        }\n    }\n    pub fn of(host: PathBuf, fs_perms: FsPerms) -> Self {\n        Self { host, fs_perms }\n    }\n    fn open(&self, b: &mut B) {\n        b.preopened_dir(&self.host, \"/\", self.fs_perms)?;\n    }\n}\n";
    let (before, after) = (format!("{USES}{before}"), format!("{USED}{after}"));
    assert_eq!(run(&before), (after, 0));
}

#[test]
fn fields_of_another_file_are_known_by_their_names() {
    for (before, after) in [
        (
            "fn f() { b.preopened_dir(&m.host, &m.guest, m.dir_perms, m.file_perms)?; }",
            "fn f() { b.preopened_dir(&m.host, &m.guest, m.fs_perms)?; }",
        ),
        (
            "fn f() { let Mount { host, dir_perms, file_perms } = m; b.preopened_dir(host, \"/\", dir_perms, file_perms)?; }",
            "fn f() { let Mount { host, fs_perms } = m; b.preopened_dir(host, \"/\", fs_perms)?; }",
        ),
    ] {
        assert_eq!(run(before), (after.to_owned(), 0));
    }
    // The file that declares them is left to a person.
    let crates = crate::migrate::tests::crates();
    let mut ground = crate::migrate::tests::ground(&crates, 40, 48);
    ground.keeps_perms = true;
    let user = "fn f() { b.preopened_dir(&m.host, &m.guest, m.dir_perms, m.file_perms)?; }";
    let tokens = crate::tokens::Tokens::read(user).unwrap();
    assert!(perms(&tokens, user, &ground).edits.is_empty());
    let declaring = format!(
        "{USES}struct M {{ d: DirPerms, f: FilePerms }} fn f(m: M) {{ m.d.contains(DirPerms::READ) }}"
    );
    assert!(crate::migrate::perms::leaves(&declaring, &ground));
    assert!(!crate::migrate::perms::leaves(user, &ground));
    for theirs in [
        "fn f() { b.preopened_dir(&m.host, &m.guest, m.read, m.write)?; }",
        "fn f() { b.preopened_dir(&m.host, m.dir_perms, m.file_perms)?; }",
    ] {
        assert_eq!(run(theirs), (theirs.to_owned(), 0));
    }
}

#[test]
fn each_two_get_a_name_of_their_own() {
    let before = format!(
        "{USES}fn f(in_dir_perms: DirPerms, in_file_perms: FilePerms, dir_perms: DirPerms, file_perms: FilePerms) {{\n    b.preopened_dir(h, g, in_dir_perms, in_file_perms);\n    b.preopened_dir(h, g, dir_perms, file_perms);\n}}\n"
    );
    let after = format!(
        "{USED}fn f(in_fs_perms: FsPerms, fs_perms: FsPerms) {{\n    b.preopened_dir(h, g, in_fs_perms);\n    b.preopened_dir(h, g, fs_perms);\n}}\n"
    );
    assert_eq!(run(&before), (after, 0));
    // Both would be called `fs_perms`, and the second call would get what the first one has.
    let one = "fn f(dirs: DirPerms, files: FilePerms) { let (d, e) = g(); b.preopened_dir(h, g, d, e); b.preopened_dir(h, g, dirs, files); }";
    let text = format!("{USES}{one}");
    let (after, left) = run(&text);
    assert_eq!(after, text);
    assert!(left > 0);
}

#[test]
fn what_asks_whether_anything_may_be_written_asks_both() {
    let before = "struct M {\n    d: DirPerms,\n    e: FilePerms,\n}\nfn f(m: &M) {\n    if m.d.contains(DirPerms::MUTATE) && !all[0].e.contains(FilePerms::WRITE) {\n        b.preopened_dir(h, g, m.d, m.e);\n    }\n}\n";
    let after = "struct M {\n    fs_perms: FsPerms,\n}\nfn f(m: &M) {\n    if !m.fs_perms.write_not_permitted() && all[0].fs_perms.write_not_permitted() {\n        b.preopened_dir(h, g, m.fs_perms);\n    }\n}\n";
    let (before, after) = (format!("{USES}{before}"), format!("{USED}{after}"));
    assert_eq!(run(&before), (after, 0));
}

/// A fork of the crate under its name, or another module of the project, may have what it wants.
#[test]
fn permissions_of_others_stay() {
    let other = "use other::{DirPerms, FilePerms};\nfn f(b: &mut B) {\n    let (dir_perms, file_perms) = (DirPerms::READ, FilePerms::READ);\n    b.preopened_dir(h, g, dir_perms, file_perms);\n}\n";
    assert_eq!(run(other), (other.to_owned(), 0));
}

#[test]
fn what_is_used_apart_is_left_to_a_person() {
    for rest in [
        "fn f(d: DirPerms, e: FilePerms) { log(d); b.preopened_dir(h, g, d, e); }",
        "fn f(d: DirPerms, e: FilePerms) { if d.contains(DirPerms::READ) { b.preopened_dir(h, g, d, e); } }",
        "fn f(d: DirPerms, e: FilePerms) { if d.contains(DirPerms::MUTATE).not() { b.preopened_dir(h, g, d, e); } }",
        "fn f(d: DirPerms, e: FilePerms) { println!(\"{d:?}\"); b.preopened_dir(h, g, d, e); }",
        "fn f(d: DirPerms, e: FilePerms) { println!(\"{:?} {:?}\", d, e); b.preopened_dir(h, g, d, e); }",
        "fn f(d: DirPerms, e: FilePerms) { b.preopened_dir(h, g, e, d); }",
        "fn f(d: DirPerms, n: u8, e: FilePerms) { b.preopened_dir(h, g, d, e); }",
        "fn f() -> (DirPerms, FilePerms) { (DirPerms::all(), FilePerms::READ) }",
        "fn f() -> (DirPerms, FilePerms) { (DirPerms::READ, FilePerms::READ) } fn g() { let p = f(); b.preopened_dir(h, g, p.0, p.1); }",
        "struct P(DirPerms, FilePerms); fn f() { b.preopened_dir(h, g, p.0, p.1); }",
        "struct M { d: DirPerms, // what may be done\n e: FilePerms } fn f() { b.preopened_dir(h, g, m.d, m.e); }",
        "struct M { d: DirPerms, e: FilePerms } impl M { fn d(&self) -> bool { true } }",
        // In `g` they are something else.
        "fn f(dirs: DirPerms, files: FilePerms) { b.preopened_dir(h, g, dirs, files); } fn g() { let (dirs, files) = listed(); show(dirs, files); }",
        "fn f(d: DirPerms, e: FilePerms) { let fs_perms = 1; b.preopened_dir(h, g, d, e); }",
    ] {
        let text = format!("{USES}{rest}");
        let (after, left) = run(&text);
        assert_eq!(after, text);
        assert!(left > 0, "{text}");
    }
}
