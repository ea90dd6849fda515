;; Exceptions: on by default from 47 on.
(module
  (tag $t)
  (func (export "_start")
    (block $caught
      (try_table (catch_all $caught)
        (throw $t)))))
