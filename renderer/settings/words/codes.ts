/** The code of a question as people write it: "K7QF-2MXA". */
export function spokenCode(code: string): string {
  return code.length === 8 ? `${code.slice(0, 4)}-${code.slice(4)}` : code;
}
