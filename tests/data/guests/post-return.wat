;; A text whose memory is given back by a function of the guest's own. A host that does not call it
;; before 42 can't call into the guest again.
(component
  (core module $m
    (memory (export "memory") 1)
    (global $given (mut i32) (i32.const 0))
    (data (i32.const 0) "text")
    (data (i32.const 16) "\00\00\00\00\04\00\00\00")
    (func (export "text") (result i32)
      ;; Nothing may be given out twice.
      (if (global.get $given) (then unreachable))
      (global.set $given (i32.const 1))
      (i32.const 16))
    (func (export "give-back") (param i32)
      (global.set $given (i32.const 0))))
  (core instance $i (instantiate $m))
  (alias core export $i "memory" (core memory $memory))
  (alias core export $i "give-back" (core func $give-back))
  (func (export "text") (result string)
    (canon lift (core func $i "text") (memory $memory) (post-return (core func $give-back)))))
