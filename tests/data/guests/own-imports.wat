;; Asks for functions that only its own host defines, and calls one.
(module
  (import "shop" "price" (func $price (param i32) (result i32)))
  (import "shop" "log" (func $log (param i32)))
  (import "shop" "limit" (global $limit i32))
  (func (export "total") (param i32) (result i32)
    (i32.add (call $price (local.get 0)) (global.get $limit))))
