;; Exports the function of the world, but not its interface.
(component
  (core module $code
    (memory (export "memory") 1)
    (data (i32.const 16) "Hello!")
    (data (i32.const 8) "\10\00\00\00\06\00\00\00")
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
      (i32.const 1024))
    (func (export "greet") (param i32 i32) (result i32)
      (i32.const 8)))
  (core instance $code (instantiate $code))
  (alias core export $code "memory" (core memory $memory))
  (alias core export $code "cabi_realloc" (core func $realloc))
  (func (export "greet") (param "name" string) (result string)
    (canon lift (core func $code "greet") (memory $memory) (realloc $realloc))))
