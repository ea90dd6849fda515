;; Calls a function of the host's own that is `async` in WIT, and adds 7.
(component
  (import "own:host/clock" (instance $clock
    (export "tick" (func async (result u32)))))
  (core func $tick (canon lower (func $clock "tick")))
  (core func $return (canon task.return (result u32)))
  (core module $m
    (import "" "tick" (func $tick (result i32)))
    (import "" "return" (func $return (param i32)))
    (func (export "f") (result i32)
      (call $return (i32.add (call $tick) (i32.const 7)))
      (i32.const 0))
    (func (export "callback") (param i32 i32 i32) (result i32) (unreachable)))
  (core instance $i (instantiate $m (with "" (instance
    (export "tick" (func $tick))
    (export "return" (func $return))))))
  (alias core export $i "callback" (core func $callback))
  (func (export "f") async (result u32)
    (canon lift (core func $i "f") async (callback $callback))))
