;; Fills a page: from 46 on that costs fuel by its size, before it cost the same as any instruction.
(module
  (memory 1)
  (func (export "_start")
    (memory.fill (i32.const 0) (i32.const 7) (i32.const 65536))))
