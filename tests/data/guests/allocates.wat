;; Takes memory as long as it gets some, then touches all of it.
(module
  (memory 1)
  (func (export "_start") (local i32)
    (loop $again
      (br_if $again (i32.ne (memory.grow (i32.const 256)) (i32.const -1))))
    unreachable))
