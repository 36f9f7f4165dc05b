import { codeOf } from './code-of';
import { keyword } from './describe';

const PROBLEMS = new Map([
  ['ENOENT', 'it does not exist'],
  ['ENOTDIR', 'a part of its path is a file and no folder'],
  ['EEXIST', 'a file of that name is in its way'],
  ['EISDIR', 'it is a folder, expected a file'],
  ['EACCES', 'permission is denied'],
  ['EPERM', 'permission is denied'],
  ['EROFS', 'its file system is read-only'],
  ['ENOSPC', 'the disk is full'],
]);

/** Why a file cannot be read or written, in words that do not need the manual of the system. */
export function fileProblem(cause: unknown): string {
  return PROBLEMS.get(codeOf(cause)) ?? String(keyword(cause, 'message') ?? cause);
}
