;; Makes a TCP socket: from 48 on a host has to allow it. Answers 0 for a socket, else 1 and the code.
(component
  (import "wasi:sockets/network@0.2.0" (instance $network
    (type $code (enum "unknown" "access-denied" "not-supported"
      "invalid-argument" "out-of-memory" "timeout" "concurrency-conflict" "not-in-progress"
      "would-block" "invalid-state" "new-socket-limit" "address-not-bindable" "address-in-use"
      "remote-unreachable" "connection-refused" "connection-reset" "connection-aborted"
      "datagram-too-large" "name-unresolvable" "temporary-resolver-failure"
      "permanent-resolver-failure"))
    (export "error-code" (type (eq $code)))
    (type $versions (enum "ipv4" "ipv6"))
    (export "ip-address-family" (type (eq $versions)))))
  (alias export $network "error-code" (type $error-code))
  (alias export $network "ip-address-family" (type $family))
  (import "wasi:sockets/tcp@0.2.0" (instance $tcp
    (export "tcp-socket" (type (sub resource)))))
  (alias export $tcp "tcp-socket" (type $socket))
  (import "wasi:sockets/tcp-create-socket@0.2.0" (instance $create
    (alias outer 1 $error-code (type $e))
    (export "error-code" (type $error (eq $e)))
    (alias outer 1 $family (type $f))
    (export "ip-address-family" (type $family (eq $f)))
    (alias outer 1 $socket (type $s))
    (export "tcp-socket" (type $tcp-socket (eq $s)))
    (export "create-tcp-socket" (func (param "address-family" $family)
      (result (result (own $tcp-socket) (error $error)))))))
  (core module $memory (memory (export "memory") 1))
  (core instance $memory (instantiate $memory))
  (alias core export $memory "memory" (core memory $shared))
  (alias export $create "create-tcp-socket" (func $create-socket))
  (core func $create (canon lower (func $create-socket) (memory $shared)))
  (core module $m
    (import "" "memory" (memory 1))
    (import "" "create" (func $create (param i32 i32)))
    (func (export "create") (result i32)
      (call $create (i32.const 0) (i32.const 16))
      (if (result i32) (i32.load8_u (i32.const 16))
        (then (i32.add (i32.const 100) (i32.load8_u (i32.const 20))))
        (else (i32.const 0)))))
  (core instance $i (instantiate $m (with "" (instance
    (export "memory" (memory $shared))
    (export "create" (func $create))))))
  (func (export "create") (result u32) (canon lift (core func $i "create"))))
