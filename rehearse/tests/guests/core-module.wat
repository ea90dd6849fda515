;; A module where a component is asked for.
(module
  (func (export "greet") (result i32)
    (i32.const 0)))
