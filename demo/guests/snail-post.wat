;; The plugin of an invented carrier, written by hand so that the demo needs no
;; guest toolchain.
;;
;; Its tariff: 3.99, plus 1.50 for each zone, plus 0.80 for each started 500 g.
(component
  ;; No destructor: the parsers that come with old and new releases of Wasmtime
  ;; spell it in different ways, and a consignment is 8 bytes of a short life.
  (type $consignment (resource (rep i32)))
  (core func $consignment-new (canon resource.new $consignment))

  (core module $tariff
    (import "canon" "consignment-new" (func $consignment-new (param i32) (result i32)))
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 1024))
    (data (i32.const 16) "Snail Post")
    ;; The string returned by `name`: address and length.
    (data (i32.const 8) "\10\00\00\00\0a\00\00\00")

    (func (export "name") (result i32)
      (i32.const 8))

    (func $quote (export "quote") (param $grams i32) (param $zone i32) (result i32)
      (i32.add
        (i32.const 399)
        (i32.add
          (i32.mul (local.get $zone) (i32.const 150))
          (i32.mul
            (i32.const 80)
            (i32.div_u
              (i32.add (local.get $grams) (i32.const 499))
              (i32.const 500))))))

    ;; A consignment is (zone, grams).
    (func (export "[constructor]consignment") (param $zone i32) (result i32)
      (local $at i32)
      (local.set $at (global.get $next))
      (global.set $next (i32.add (local.get $at) (i32.const 8)))
      (i32.store (local.get $at) (local.get $zone))
      (call $consignment-new (local.get $at)))

    (func (export "[method]consignment.add") (param $at i32) (param $grams i32) (result i32)
      (i32.store offset=4 (local.get $at)
        (i32.add (i32.load offset=4 (local.get $at)) (local.get $grams)))
      (i32.load offset=4 (local.get $at)))

    (func (export "[method]consignment.price") (param $at i32) (result i32)
      (call $quote
        (i32.load offset=4 (local.get $at))
        (i32.load (local.get $at)))))

  (core instance $code (instantiate $tariff
    (with "canon" (instance
      (export "consignment-new" (func $consignment-new))))))
  (alias core export $code "memory" (core memory $memory))

  (func (export "name") (result string)
    (canon lift (core func $code "name") (memory $memory)))

  (func $quote (param "grams" u32) (param "zone" u32) (result u32)
    (canon lift (core func $code "quote")))
  (func $new (param "zone" u32) (result (own $consignment))
    (canon lift (core func $code "[constructor]consignment")))
  (func $add (param "self" (borrow $consignment)) (param "grams" u32) (result u32)
    (canon lift (core func $code "[method]consignment.add")))
  (func $price (param "self" (borrow $consignment)) (result u32)
    (canon lift (core func $code "[method]consignment.price")))

  ;; An exported interface must name its resource type itself; re-exporting
  ;; through a component gives the functions types that use that name.
  (component $interface
    (import "consignment" (type $c (sub resource)))
    (import "quote" (func $quote (param "grams" u32) (param "zone" u32) (result u32)))
    (import "new" (func $new (param "zone" u32) (result (own $c))))
    (import "add" (func $add (param "self" (borrow $c)) (param "grams" u32) (result u32)))
    (import "price" (func $price (param "self" (borrow $c)) (result u32)))

    (export $named "consignment" (type $c))
    (export "quote" (func $quote))
    (export "[constructor]consignment" (func $new)
      (func (param "zone" u32) (result (own $named))))
    (export "[method]consignment.add" (func $add)
      (func (param "self" (borrow $named)) (param "grams" u32) (result u32)))
    (export "[method]consignment.price" (func $price)
      (func (param "self" (borrow $named)) (result u32))))

  (instance $interface (instantiate $interface
    (with "consignment" (type $consignment))
    (with "quote" (func $quote))
    (with "new" (func $new))
    (with "add" (func $add))
    (with "price" (func $price))))

  (export "shop:shipping/tariff@1.0.0" (instance $interface)))
