;; What stands between a device and QuickJS: the reactor interface (alloc, run), the functions that QuickJS expects of a host, and the
;; script. Merged with quickjs.wasm by build.ts. All that can be said in JavaScript is in prelude/ instead; this file only moves bytes.
;;
;; A `handle` is a pointer to a JSValue on the heap, as the functions qjs_* take and return them. Whoever gets one frees it, here only
;; where a unit may make many: the instance ends with its unit.
(module
  (import "engine" "memory" (memory 1))
  (import "engine" "malloc" (func $malloc (param $bytes i32) (result i32)))
  (import "engine" "free" (func $free (param $pointer i32)))
  (import "engine" "qjs_eval"
    (func $qjs_eval (param $code i32) (param $length i32) (param $name i32) (param $flags i32) (result i32)))
  (import "engine" "qjs_eval_bytecode" (func $qjs_eval_bytecode (param $code i32) (param $length i32) (result i32)))
  (import "engine" "qjs_call"
    (func $qjs_call (param $function i32) (param $this i32) (param $count i32) (param $arguments i32) (result i32)))
  (import "engine" "qjs_is_exception" (func $qjs_is_exception (param $handle i32) (result i32)))
  (import "engine" "qjs_get_exception" (func $qjs_get_exception (result i32)))
  (import "engine" "qjs_get_undefined" (func $qjs_get_undefined (result i32)))
  (import "engine" "qjs_free_value" (func $qjs_free_value (param $handle i32)))
  (import "engine" "qjs_new_number" (func $qjs_new_number (param $value f64) (result i32)))
  (import "engine" "qjs_get_float64" (func $qjs_get_float64 (param $handle i32) (result f64)))
  (import "engine" "qjs_new_string" (func $qjs_new_string (param $text i32) (param $bytes i32) (result i32)))
  (import "engine" "qjs_get_string_len" (func $qjs_get_string_len (param $handle i32) (param $length i32) (result i32)))
  (import "engine" "qjs_free_cstring" (func $qjs_free_cstring (param $text i32)))
  (import "engine" "qjs_new_array_buffer" (func $qjs_new_array_buffer (param $from i32) (param $bytes i32) (result i32)))
  (import "engine" "qjs_get_array_buffer" (func $qjs_get_array_buffer (param $handle i32) (param $length i32) (result i32)))
  (import "engine" "qjs_execute_pending_job" (func $qjs_execute_pending_job (result i32)))
  (import "engine" "qjs_get_context_ptr" (func $qjs_get_context_ptr (result i32)))
  (import "engine" "JS_WriteObject"
    (func $JS_WriteObject (param $context i32) (param $length i32) (param $value i64) (param $flags i32) (result i32)))

  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))

  ;; The script as QuickJS' bytecode: its length as 32 bits in little-endian order, then its bytes. composeScript puts one here; what
  ;; stands here now, not zero so that no optimiser splits it, is taken out by the build.
  (data $script "\01\01\01\01\01\01\01\01")

  ;; Handles and addresses that the build writes here before it takes the snapshot; see prepare.ts.
  (global $allocate (export "hook.allocate") (mut i32) (i32.const 0))
  (global $start (export "hook.start") (mut i32) (i32.const 0))
  (global $finish (export "hook.finish") (mut i32) (i32.const 0))
  (global $fail (export "hook.fail") (mut i32) (i32.const 0))
  (global $refuseImport (export "hook.refuseImport") (mut i32) (i32.const 0))
  (global $noteRejected (export "hook.noteRejected") (mut i32) (i32.const 0))
  (global $noteHandled (export "hook.noteHandled") (mut i32) (i32.const 0))
  (global $segmentOf (export "hook.segmentOf") (mut i32) (i32.const 0))
  (global $reportProblem (export "hook.reportProblem") (mut i32) (i32.const 0))
  ;; A zero-terminated text: what the script is called in stack traces.
  (global $scriptName (export "address.scriptName") (mut i32) (i32.const 0))
  ;; The 64-bit state of Math.random.
  (global $randomState (export "address.randomState") (mut i32) (i32.const 0))
  ;; 64 bytes for what is passed by pointer.
  (global $scratch (export "address.scratch") (mut i32) (i32.const 0))

  ;; The input's ArrayBuffer, from alloc to run.
  (global $input (mut i32) (i32.const 0))

  ;; JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY.
  (global $compileModule i32 (i32.const 33))
  ;; JS_WRITE_OBJ_BYTECODE | JS_WRITE_OBJ_STRIP_SOURCE: lines and columns stay, the source itself goes.
  (global $withoutSource i32 (i32.const 17))

  ;; ---- What a device calls ----

  ;; The input is written straight into an ArrayBuffer, so that it is in memory once.
  (func $alloc (export "alloc") (param $length i32) (result i32)
    (global.set $input
      (call $call (global.get $allocate) (call $qjs_new_number (f64.convert_i32_u (local.get $length))) (i32.const 0) (i32.const 1)))
    (call $failOnException (global.get $input))
    (call $qjs_get_array_buffer (global.get $input) (global.get $scratch)))

  ;; Runs the script on the input. Without a script, as the engine is built, it is a compiler: the input is JavaScript, and the answer
  ;; what a script's segment holds, or a length of 0 and what is wrong with the JavaScript.
  (func $run (export "run") (param $pointer i32) (param $length i32) (result i64)
    (local $scriptBytes i32) (local $script i32)
    (memory.init $script (global.get $scratch) (i32.const 0) (i32.const 4))
    (local.set $scriptBytes (i32.load (global.get $scratch)))
    (if (i32.eqz (local.get $scriptBytes))
      (then (return (call $bytesOf (call $compile (local.get $pointer) (local.get $length))))))
    (call $seedRandom)
    (local.set $script (call $allocateText (local.get $scriptBytes)))
    (memory.init $script (local.get $script) (i32.const 4) (local.get $scriptBytes))
    (call $bytesOf (call $execute (local.get $script) (local.get $scriptBytes))))

  ;; Evaluates the script, a module, calls what it exports, runs every promise job, and asks for the answer.
  (func $execute (param $script i32) (param $length i32) (result i32)
    (local $namespace i32) (local $answer i32)
    (local.set $namespace (call $qjs_eval_bytecode (local.get $script) (local.get $length)))
    (call $failOnException (local.get $namespace))
    (call $free (local.get $script))
    (call $failOnException (call $call (global.get $start) (local.get $namespace) (global.get $input) (i32.const 2)))
    (call $runJobs)
    (local.set $answer (call $call (global.get $finish) (i32.const 0) (i32.const 0) (i32.const 0)))
    (call $failOnException (local.get $answer))
    (local.get $answer))

  (func $runJobs
    (local $result i32)
    (loop $next
      (local.set $result (call $qjs_execute_pending_job))
      (if (i32.lt_s (local.get $result) (i32.const 0))
        (then (call $failWith (call $qjs_get_exception))))
      (br_if $next (local.get $result))))

  ;; Parses JavaScript without running it.
  (func $compile (param $pointer i32) (param $length i32) (result i32)
    (local $source i32) (local $module i32) (local $bytecode i32) (local $answer i32)
    (local.set $source (call $allocateText (local.get $length)))
    (memory.copy (local.get $source) (local.get $pointer) (local.get $length))
    (local.set $module
      (call $qjs_eval (local.get $source) (local.get $length) (global.get $scriptName) (global.get $compileModule)))
    (if (call $qjs_is_exception (local.get $module))
      (then (return (call $call (global.get $reportProblem) (call $qjs_get_exception) (i32.const 0) (i32.const 1)))))
    (local.set $bytecode
      (call $JS_WriteObject
        (call $qjs_get_context_ptr) (global.get $scratch) (i64.load (local.get $module)) (global.get $withoutSource)))
    (if (i32.eqz (local.get $bytecode)) (then (call $failWith (call $qjs_get_exception))))
    (local.set $answer
      (call $call (global.get $segmentOf)
        (call $qjs_new_array_buffer (local.get $bytecode) (i32.load (global.get $scratch))) (i32.const 0) (i32.const 1)))
    (call $failOnException (local.get $answer))
    (local.get $answer))

  ;; ---- Helpers ----

  ;; xorshift64* stands still at zero.
  (func $seedRandom
    (drop (call $random_get (global.get $randomState) (i32.const 8)))
    (if (i64.eqz (i64.load (global.get $randomState)))
      (then (i64.store (global.get $randomState) (i64.const 1)))))

  ;; Room for a text and the zero that QuickJS wants behind it. Out of memory, a unit cannot even say so.
  (func $allocateText (param $length i32) (result i32)
    (local $text i32)
    (local.set $text (call $malloc (i32.add (local.get $length) (i32.const 1))))
    (if (i32.eqz (local.get $text)) (then (unreachable)))
    (i32.store8 (i32.add (local.get $text) (local.get $length)) (i32.const 0))
    (local.get $text))

  ;; Calls a function with up to two arguments.
  (func $call (param $function i32) (param $first i32) (param $second i32) (param $count i32) (result i32)
    (i32.store (global.get $scratch) (local.get $first))
    (i32.store offset=4 (global.get $scratch) (local.get $second))
    (call $qjs_call (local.get $function) (call $qjs_get_undefined) (local.get $count) (global.get $scratch)))

  (func $failOnException (param $handle i32)
    (if (call $qjs_is_exception (local.get $handle))
      (then (call $failWith (call $qjs_get_exception)))))

  ;; Writes the error to standard error and ends the unit with code 1.
  (func $failWith (param $error i32)
    (drop (call $call (global.get $fail) (local.get $error) (i32.const 0) (i32.const 1)))
    (call $proc_exit (i32.const 1))
    (unreachable))

  ;; Where an ArrayBuffer's bytes are, as pointer << 32 | length.
  (func $bytesOf (param $buffer i32) (result i64)
    (local $pointer i32)
    (local.set $pointer (call $qjs_get_array_buffer (local.get $buffer) (global.get $scratch)))
    (i64.or
      (i64.shl (i64.extend_i32_u (local.get $pointer)) (i64.const 32))
      (i64.extend_i32_u (i32.load (global.get $scratch)))))

  ;; ---- What QuickJS calls ----

  ;; Everybody is in UTC.
  (func (export "host_get_timezone_offset") (param $high i32) (param $low i32) (result i32)
    (i32.const 0))

  ;; Fuel ends what does not end.
  (func (export "host_interrupt") (result i32)
    (i32.const 0))

  ;; A script stands alone: the hook throws, and null tells QuickJS so.
  (func (export "host_module_normalize") (param $base i32) (param $name i32) (result i32)
    (call $throwRefusal (local.get $name))
    (i32.const 0))

  ;; Not reached, since every name is refused before.
  (func (export "host_module_load") (param $name i32) (param $length i32) (result i32)
    (i32.const 0))

  (func $throwRefusal (param $name i32)
    (drop
      (call $call (global.get $refuseImport)
        (call $qjs_new_string (local.get $name) (call $textLength (local.get $name))) (i32.const 0) (i32.const 1))))

  (func $textLength (param $text i32) (result i32)
    (local $end i32)
    (local.set $end (local.get $text))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (i32.load8_u (local.get $end))))
        (local.set $end (i32.add (local.get $end) (i32.const 1)))
        (br $next)))
    (i32.sub (local.get $end) (local.get $text)))

  (func (export "host_promise_rejection") (param $promise i32) (param $reason i32) (param $handled i32)
    (call $qjs_free_value
      (call $call
        (select (global.get $noteHandled) (global.get $noteRejected) (local.get $handled))
        (local.get $promise) (local.get $reason) (i32.const 2)))
    (call $qjs_free_value (local.get $promise))
    (call $qjs_free_value (local.get $reason)))

  ;; Calls of the functions that the prelude got from prepare.ts, told apart by the first letter of their names.
  (func (export "host_call")
    (param $name i32) (param $nameLength i32) (param $this i32) (param $count i32) (param $arguments i32) (result i32)
    (local $letter i32)
    (local.set $letter (i32.load8_u (local.get $name)))
    (if (i32.eq (local.get $letter) (i32.const 0x65)) ;; encode(text): its UTF-8 as an ArrayBuffer
      (then (return (call $encode (i32.load (local.get $arguments))))))
    (if (i32.eq (local.get $letter) (i32.const 0x64)) ;; decode(buffer, offset, length): the text of these UTF-8 bytes
      (then (return (call $decode (local.get $arguments)))))
    (if (i32.eq (local.get $letter) (i32.const 0x70)) ;; print(text): writes it to standard error
      (then (return (call $print (i32.load (local.get $arguments))))))
    (call $arguments)) ;; args(): the program's arguments, each with a zero behind it

  (func $encode (param $text i32) (result i32)
    (local $bytes i32) (local $buffer i32)
    (local.set $bytes (call $qjs_get_string_len (local.get $text) (global.get $scratch)))
    (if (i32.eqz (local.get $bytes)) (then (return (i32.const 0))))
    (local.set $buffer (call $qjs_new_array_buffer (local.get $bytes) (i32.load (global.get $scratch))))
    (call $qjs_free_cstring (local.get $bytes))
    (local.get $buffer))

  (func $decode (param $arguments i32) (result i32)
    (call $qjs_new_string
      (i32.add
        (call $qjs_get_array_buffer (i32.load (local.get $arguments)) (global.get $scratch))
        (i32.trunc_sat_f64_u (call $qjs_get_float64 (i32.load offset=4 (local.get $arguments)))))
      (i32.trunc_sat_f64_u (call $qjs_get_float64 (i32.load offset=8 (local.get $arguments))))))

  (func $print (param $text i32) (result i32)
    (local $bytes i32)
    (local.set $bytes (call $qjs_get_string_len (local.get $text) (i32.add (global.get $scratch) (i32.const 4))))
    (if (i32.eqz (local.get $bytes)) (then (return (i32.const 0))))
    (i32.store (global.get $scratch) (local.get $bytes))
    (drop (call $fd_write (i32.const 2) (global.get $scratch) (i32.const 1) (i32.add (global.get $scratch) (i32.const 8))))
    (call $qjs_free_cstring (local.get $bytes))
    (call $qjs_get_undefined))

  (func $arguments (result i32)
    (local $pointers i32) (local $text i32) (local $size i32) (local $result i32)
    (drop (call $args_sizes_get (global.get $scratch) (i32.add (global.get $scratch) (i32.const 4))))
    (local.set $size (i32.load offset=4 (global.get $scratch)))
    (local.set $text (call $allocateText (local.get $size)))
    (local.set $pointers (call $allocateText (i32.shl (i32.load (global.get $scratch)) (i32.const 2))))
    (drop (call $args_get (local.get $pointers) (local.get $text)))
    (local.set $result (call $qjs_new_string (local.get $text) (local.get $size)))
    (call $free (local.get $pointers))
    (call $free (local.get $text))
    (local.get $result)))
