;; Imports a function of the host's own that is `async` in WIT, and never calls it.
(component
  (import "own:host/clock" (instance $clock
    (export "tick" (func async (result u32)))))
  (core module $m (func (export "f") (result i32) (i32.const 7)))
  (core instance $i (instantiate $m))
  (func (export "f") (result u32) (canon lift (core func $i "f"))))
