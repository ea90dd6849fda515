;; A guest for the world `metering`, written by hand so that the tests need no
;; guest toolchain.
;;
;; It never frees memory: the guest lives for one test, and a bump allocator
;; keeps it readable.
(component
  (import "note" (func $note (param "line" string)))

  ;; Memory and the destructor live in a module of their own: the destructor
  ;; must exist before the resource type, and memory before `note` is lowered.
  (core module $heap
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 1024))
    (global $open (export "open") (mut i32) (i32.const 0))
    (data (i32.const 16) "Hello, ")
    (data (i32.const 24) "!")
    (data (i32.const 25) "+")
    (data (i32.const 32) "no samples")
    (data (i32.const 48) "outside the limits")
    (data (i32.const 80) "opened ")

    (func (export "cabi_realloc")
      (param $old i32) (param $old-size i32) (param $align i32) (param $size i32)
      (result i32)
      (local $at i32)
      (local $missing i32)
      (local.set $at
        (i32.and
          (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
          (i32.sub (i32.const 0) (local.get $align))))
      (global.set $next (i32.add (local.get $at) (local.get $size)))
      (local.set $missing
        (i32.sub
          (i32.shr_u (i32.add (global.get $next) (i32.const 0xffff)) (i32.const 16))
          (memory.size)))
      (if (i32.gt_s (local.get $missing) (i32.const 0))
        (then
          (if (i32.eq (memory.grow (local.get $missing)) (i32.const -1))
            (then (unreachable)))))
      (memory.copy (local.get $at) (local.get $old)
        (select (local.get $old-size) (local.get $size)
          (i32.lt_u (local.get $old-size) (local.get $size))))
      (local.get $at))

    (func (export "close") (param $meter i32)
      (global.set $open (i32.sub (global.get $open) (i32.const 1)))))

  (core instance $heap (instantiate $heap))
  (alias core export $heap "memory" (core memory $memory))
  (alias core export $heap "cabi_realloc" (core func $realloc))
  (alias core export $heap "close" (core func $close))

  (type $meter (resource (rep i32) (dtor (core func $close))))
  (core func $meter-new (canon resource.new $meter))
  (core func $meter-rep (canon resource.rep $meter))
  (core func $meter-drop (canon resource.drop $meter))
  (core func $note-lowered (canon lower (func $note) (memory $memory)))

  (core module $code
    (import "heap" "memory" (memory 1))
    (import "heap" "open" (global $open (mut i32)))
    (import "heap" "cabi_realloc"
      (func $realloc (param i32 i32 i32 i32) (result i32)))
    (import "host" "note" (func $note (param i32 i32)))
    (import "canon" "meter-new" (func $meter-new (param i32) (result i32)))
    (import "canon" "meter-rep" (func $meter-rep (param i32) (result i32)))
    (import "canon" "meter-drop" (func $meter-drop (param i32)))

    (func $alloc (param $size i32) (result i32)
      (call $realloc (i32.const 0) (i32.const 0) (i32.const 8) (local.get $size)))

    (func $concat
      (param $a i32) (param $a-len i32) (param $b i32) (param $b-len i32)
      (result i32 i32)
      (local $at i32)
      (local.set $at (call $alloc (i32.add (local.get $a-len) (local.get $b-len))))
      (memory.copy (local.get $at) (local.get $a) (local.get $a-len))
      (memory.copy
        (i32.add (local.get $at) (local.get $a-len)) (local.get $b) (local.get $b-len))
      (local.get $at)
      (i32.add (local.get $a-len) (local.get $b-len)))

    ;; A returned string or list is the address of its address and length.
    (func $pair (param $address i32) (param $len i32) (result i32)
      (local $at i32)
      (local.set $at (call $alloc (i32.const 8)))
      (i32.store (local.get $at) (local.get $address))
      (i32.store offset=4 (local.get $at) (local.get $len))
      (local.get $at))

    ;; Layout of a summary: count at 0, sum at 8, largest at 16 (20 if present).
    (func $write-summary
      (param $at i32) (param $count i32) (param $sum i64) (param $largest i32)
      (i32.store (local.get $at) (local.get $count))
      (i64.store offset=8 (local.get $at) (local.get $sum))
      (i32.store8 offset=16 (local.get $at)
        (i32.ne (local.get $count) (i32.const 0)))
      (i32.store offset=20 (local.get $at) (local.get $largest)))

    (func (export "greet") (param $name i32) (param $len i32) (result i32)
      (call $pair
        (call $concat
          (call $concat
            (i32.const 16) (i32.const 7) (local.get $name) (local.get $len))
          (i32.const 24) (i32.const 1))))

    ;; Layout of the result: its case at 0, its payload at 8.
    (func (export "summarize") (param $samples i32) (param $len i32) (result i32)
      (local $at i32)
      (local $sum i64)
      (local $largest i32)
      (local $sample i32)
      (local $left i32)
      (local.set $at (call $alloc (i32.const 32)))
      (if (i32.eqz (local.get $len))
        (then
          (i32.store8 (local.get $at) (i32.const 1))
          (i32.store offset=8 (local.get $at) (i32.const 32))
          (i32.store offset=12 (local.get $at) (i32.const 10))
          (return (local.get $at))))
      (local.set $largest (i32.load (local.get $samples)))
      (local.set $left (local.get $len))
      (loop $next
        (local.set $sample (i32.load (local.get $samples)))
        (local.set $sum
          (i64.add (local.get $sum) (i64.extend_i32_s (local.get $sample))))
        (local.set $largest
          (select (local.get $sample) (local.get $largest)
            (i32.gt_s (local.get $sample) (local.get $largest))))
        (local.set $samples (i32.add (local.get $samples) (i32.const 4)))
        (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br_if $next (local.get $left)))
      (i32.store8 (local.get $at) (i32.const 0))
      (call $write-summary (i32.add (local.get $at) (i32.const 8))
        (local.get $len) (local.get $sum) (local.get $largest))
      (local.get $at))

    (func (export "running-totals") (param $samples i32) (param $len i32) (result i32)
      (local $totals i32)
      (local $sum i64)
      (local $index i32)
      (local.set $totals
        (call $alloc (i32.mul (local.get $len) (i32.const 8))))
      (block $done
        (loop $next
          (br_if $done (i32.ge_u (local.get $index) (local.get $len)))
          (local.set $sum
            (i64.add (local.get $sum)
              (i64.load32_s
                (i32.add (local.get $samples)
                  (i32.mul (local.get $index) (i32.const 4))))))
          (i64.store
            (i32.add (local.get $totals) (i32.mul (local.get $index) (i32.const 8)))
            (local.get $sum))
          (local.set $index (i32.add (local.get $index) (i32.const 1)))
          (br $next)))
      (call $pair (local.get $totals) (local.get $len)))

    (func (export "mean") (param $total i64) (param $count i32) (result i64)
      (i64.div_s (local.get $total) (i64.extend_i32_u (local.get $count))))

    ;; Layout of a meter: low 0, high 4, label 8, its length 12, sum 16,
    ;; count 24, largest 28.
    (func $open-meter
      (param $label i32) (param $len i32) (param $low i32) (param $high i32)
      (result i32)
      (local $at i32)
      (local.set $at (call $alloc (i32.const 32)))
      (i32.store (local.get $at) (local.get $low))
      (i32.store offset=4 (local.get $at) (local.get $high))
      (i32.store offset=8 (local.get $at) (local.get $label))
      (i32.store offset=12 (local.get $at) (local.get $len))
      (global.set $open (i32.add (global.get $open) (i32.const 1)))
      (call $note
        (call $concat
          (i32.const 80) (i32.const 7) (local.get $label) (local.get $len)))
      (local.get $at))

    (func (export "[constructor]meter")
      (param $label i32) (param $len i32) (param $low i32) (param $high i32)
      (result i32)
      (call $meter-new
        (call $open-meter
          (local.get $label) (local.get $len) (local.get $low) (local.get $high))))

    (func (export "[method]meter.label") (param $meter i32) (result i32)
      (i32.add (local.get $meter) (i32.const 8)))

    ;; Layout of the result: its case at 0, its payload at 4.
    (func (export "[method]meter.add") (param $meter i32) (param $sample i32) (result i32)
      (local $at i32)
      (local $count i32)
      (local.set $at (call $alloc (i32.const 12)))
      (if
        (i32.or
          (i32.lt_s (local.get $sample) (i32.load (local.get $meter)))
          (i32.gt_s (local.get $sample) (i32.load offset=4 (local.get $meter))))
        (then
          (i32.store8 (local.get $at) (i32.const 1))
          (i32.store offset=4 (local.get $at) (i32.const 48))
          (i32.store offset=8 (local.get $at) (i32.const 18))
          (return (local.get $at))))
      (local.set $count (i32.load offset=24 (local.get $meter)))
      (if
        (i32.or
          (i32.eqz (local.get $count))
          (i32.gt_s (local.get $sample) (i32.load offset=28 (local.get $meter))))
        (then (i32.store offset=28 (local.get $meter) (local.get $sample))))
      (i32.store offset=24 (local.get $meter)
        (i32.add (local.get $count) (i32.const 1)))
      (i64.store offset=16 (local.get $meter)
        (i64.add
          (i64.load offset=16 (local.get $meter))
          (i64.extend_i32_s (local.get $sample))))
      (i32.store8 (local.get $at) (i32.const 0))
      (i32.store offset=4 (local.get $at) (i32.load offset=24 (local.get $meter)))
      (local.get $at))

    (func (export "[method]meter.summary") (param $meter i32) (result i32)
      (local $at i32)
      (local.set $at (call $alloc (i32.const 24)))
      (call $write-summary (local.get $at)
        (i32.load offset=24 (local.get $meter))
        (i64.load offset=16 (local.get $meter))
        (i32.load offset=28 (local.get $meter)))
      (local.get $at))

    (func $min (param $a i32) (param $b i32) (result i32)
      (select (local.get $a) (local.get $b) (i32.lt_s (local.get $a) (local.get $b))))

    (func $max (param $a i32) (param $b i32) (result i32)
      (select (local.get $a) (local.get $b) (i32.gt_s (local.get $a) (local.get $b))))

    (func $merged-largest (param $a i32) (param $b i32) (result i32)
      (if (i32.eqz (i32.load offset=24 (local.get $a)))
        (then (return (i32.load offset=28 (local.get $b)))))
      (if (i32.eqz (i32.load offset=24 (local.get $b)))
        (then (return (i32.load offset=28 (local.get $a)))))
      (call $max
        (i32.load offset=28 (local.get $a))
        (i32.load offset=28 (local.get $b))))

    ;; Both meters come in owned, so this is where they are dropped.
    (func (export "[static]meter.merge")
      (param $first i32) (param $second i32) (result i32)
      (local $a i32)
      (local $b i32)
      (local $at i32)
      (local.set $a (call $meter-rep (local.get $first)))
      (local.set $b (call $meter-rep (local.get $second)))
      (local.set $at
        (call $open-meter
          (call $concat
            (call $concat
              (i32.load offset=8 (local.get $a)) (i32.load offset=12 (local.get $a))
              (i32.const 25) (i32.const 1))
            (i32.load offset=8 (local.get $b)) (i32.load offset=12 (local.get $b)))
          (call $min (i32.load (local.get $a)) (i32.load (local.get $b)))
          (call $max
            (i32.load offset=4 (local.get $a))
            (i32.load offset=4 (local.get $b)))))
      (i64.store offset=16 (local.get $at)
        (i64.add
          (i64.load offset=16 (local.get $a))
          (i64.load offset=16 (local.get $b))))
      (i32.store offset=24 (local.get $at)
        (i32.add
          (i32.load offset=24 (local.get $a))
          (i32.load offset=24 (local.get $b))))
      (i32.store offset=28 (local.get $at)
        (call $merged-largest (local.get $a) (local.get $b)))
      (call $meter-drop (local.get $first))
      (call $meter-drop (local.get $second))
      (call $meter-new (local.get $at)))

    (func (export "[static]meter.open-count") (result i32)
      (global.get $open)))

  (core instance $code (instantiate $code
    (with "heap" (instance $heap))
    (with "host" (instance (export "note" (func $note-lowered))))
    (with "canon" (instance
      (export "meter-new" (func $meter-new))
      (export "meter-rep" (func $meter-rep))
      (export "meter-drop" (func $meter-drop))))))

  (func (export "greet") (param "name" string) (result string)
    (canon lift (core func $code "greet") (memory $memory) (realloc $realloc)))

  (type $summary (record
    (field "count" u32) (field "sum" s64) (field "largest" (option s32))))
  (type $limits (record (field "low" s32) (field "high" s32)))

  (func $summarize
    (param "samples" (list s32)) (result (result $summary (error string)))
    (canon lift (core func $code "summarize") (memory $memory) (realloc $realloc)))
  (func $running-totals (param "samples" (list s32)) (result (list s64))
    (canon lift (core func $code "running-totals") (memory $memory) (realloc $realloc)))
  (func $mean (param "total" s64) (param "count" u32) (result s64)
    (canon lift (core func $code "mean")))
  (func $new (param "label" string) (param "limits" $limits) (result (own $meter))
    (canon lift (core func $code "[constructor]meter")
      (memory $memory) (realloc $realloc)))
  (func $label (param "self" (borrow $meter)) (result string)
    (canon lift (core func $code "[method]meter.label") (memory $memory)))
  (func $add
    (param "self" (borrow $meter)) (param "sample" s32)
    (result (result u32 (error string)))
    (canon lift (core func $code "[method]meter.add") (memory $memory)))
  (func $meter-summary (param "self" (borrow $meter)) (result $summary)
    (canon lift (core func $code "[method]meter.summary") (memory $memory)))
  (func $merge
    (param "first" (own $meter)) (param "second" (own $meter)) (result (own $meter))
    (canon lift (core func $code "[static]meter.merge")))
  (func $open-count (result u32)
    (canon lift (core func $code "[static]meter.open-count")))

  ;; An exported interface must name its types itself; re-exporting through a
  ;; component gives the functions types that use those names.
  (component $interface
    (import "meter" (type $m (sub resource)))
    (type $summary-shape (record
      (field "count" u32) (field "sum" s64) (field "largest" (option s32))))
    (import "summary" (type $s (eq $summary-shape)))
    (type $limits-shape (record (field "low" s32) (field "high" s32)))
    (import "limits" (type $l (eq $limits-shape)))
    (import "summarize" (func $summarize
      (param "samples" (list s32)) (result (result $s (error string)))))
    (import "running-totals" (func $running-totals
      (param "samples" (list s32)) (result (list s64))))
    (import "mean" (func $mean (param "total" s64) (param "count" u32) (result s64)))
    (import "new" (func $new
      (param "label" string) (param "limits" $l) (result (own $m))))
    (import "label" (func $label (param "self" (borrow $m)) (result string)))
    (import "add" (func $add
      (param "self" (borrow $m)) (param "sample" s32)
      (result (result u32 (error string)))))
    (import "meter-summary" (func $meter-summary
      (param "self" (borrow $m)) (result $s)))
    (import "merge" (func $merge
      (param "first" (own $m)) (param "second" (own $m)) (result (own $m))))
    (import "open-count" (func $open-count (result u32)))

    (export $meter "meter" (type $m))
    (export $summary "summary" (type $s))
    (export $limits "limits" (type $l))
    (export "summarize" (func $summarize)
      (func (param "samples" (list s32)) (result (result $summary (error string)))))
    (export "running-totals" (func $running-totals))
    (export "mean" (func $mean))
    (export "[constructor]meter" (func $new)
      (func (param "label" string) (param "limits" $limits) (result (own $meter))))
    (export "[method]meter.label" (func $label)
      (func (param "self" (borrow $meter)) (result string)))
    (export "[method]meter.add" (func $add)
      (func (param "self" (borrow $meter)) (param "sample" s32)
        (result (result u32 (error string)))))
    (export "[method]meter.summary" (func $meter-summary)
      (func (param "self" (borrow $meter)) (result $summary)))
    (export "[static]meter.merge" (func $merge)
      (func (param "first" (own $meter)) (param "second" (own $meter))
        (result (own $meter))))
    (export "[static]meter.open-count" (func $open-count)))

  (instance $interface (instantiate $interface
    (with "meter" (type $meter))
    (with "summary" (type $summary))
    (with "limits" (type $limits))
    (with "summarize" (func $summarize))
    (with "running-totals" (func $running-totals))
    (with "mean" (func $mean))
    (with "new" (func $new))
    (with "label" (func $label))
    (with "add" (func $add))
    (with "meter-summary" (func $meter-summary))
    (with "merge" (func $merge))
    (with "open-count" (func $open-count))))

  (export "rehearse:metering/stats@1.0.0" (instance $interface)))
