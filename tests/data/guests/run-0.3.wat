;; A command of WASI 0.3: waits for a moment, and ends well.
(component
  (import "wasi:clocks/monotonic-clock@0.3.0" (instance $clock
    (type $number u64)
    (export "duration" (type $duration (eq $number)))
    (export "wait-for" (func async (param "how-long" $duration)))))
  (core func $wait (canon lower (func $clock "wait-for")))
  (core func $return (canon task.return (result (result))))
  (core module $m
    (import "" "wait" (func $wait (param i64)))
    (import "" "return" (func $return (param i32)))
    (func (export "run") (result i32)
      (call $wait (i64.const 1000))
      (call $return (i32.const 0))
      (i32.const 0))
    (func (export "callback") (param i32 i32 i32) (result i32) (unreachable)))
  (core instance $i (instantiate $m (with "" (instance
    (export "wait" (func $wait))
    (export "return" (func $return))))))
  (alias core export $i "callback" (core func $callback))
  (func $run async (result (result)) (canon lift (core func $i "run") async (callback $callback)))
  (instance $cli (export "run" (func $run)))
  (export "wasi:cli/run@0.3.0" (instance $cli)))
