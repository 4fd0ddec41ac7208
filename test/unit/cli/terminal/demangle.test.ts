import { expect, test } from 'vitest'
import { demangle } from '../../../../cli/terminal/demangle.ts'

test.each([
  ['_ZN4main4main17h33da4f3b554aea07E', 'main::main'],
  ['_ZN4core3fmt5write17h0123456789abcdefE', 'core::fmt::write'],
  [
    '_ZN72_$LT$$RF$str$u20$as$u20$alloc..ffi..c_str..CString..new..SpecNewImpl$GT$13spec_new_impl17h996cfd19f845cf8aE',
    '<&str as alloc::ffi::c_str::CString::new::SpecNewImpl>::spec_new_impl',
  ],
  ['_ZN4main4main17h33da4f3b554aea07E.llvm.12', 'main::main'],
])('shows %s as its author wrote it', (mangled, shown) => {
  expect(demangle(mangled)).toBe(shown)
})

test.each(['dlmalloc', '', '_ZN', '_ZN9zz17h0123456789abcdefE', '_ZN4mainE'])('leaves %j as it is', name => {
  expect(demangle(name)).toBe(name)
})
