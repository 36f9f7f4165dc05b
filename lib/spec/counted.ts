/** `1 core`, `2 cores`. @param shown the count as it is written */
export function counted(count: number, noun: string, shown = String(count)): string {
  return `${shown} ${noun}${shown === '1' ? '' : 's'}`;
}
