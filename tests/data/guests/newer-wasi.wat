;; Asks for a function that no WASI of today has.
(component
  (import "wasi:clocks/monotonic-clock@0.2.99" (instance $clock
    (export "now" (func (result u64)))
    (export "now-of-tomorrow" (func (result u64)))))
  (core func $now (canon lower (func $clock "now-of-tomorrow")))
  (core module $m
    (import "" "now" (func $now (result i64)))
    (func (export "ask") (result i64) (call $now)))
  (core instance $i (instantiate $m (with "" (instance (export "now" (func $now))))))
  (func (export "ask") (result u64) (canon lift (core func $i "ask"))))
