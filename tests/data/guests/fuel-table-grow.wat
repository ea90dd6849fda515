;; A growth that fails: with 46.0.2 to 48 it costs the fuel of one that succeeds.
(module
  (table $t 1 funcref)
  (func (export "grow") (result i32)
    (table.grow $t (ref.null func) (i32.const 100000000))))
