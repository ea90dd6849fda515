;; Signed division by the constant INT_MIN: 35 to 38, and the whole of 36, say -1 where it is 1.
(module
  (func (export "div32") (param i32) (result i32)
    (i32.div_s (local.get 0) (i32.const 0x80000000)))
  (func (export "div64") (param i64) (result i64)
    (i64.div_s (local.get 0) (i64.const 0x8000000000000000))))
