import { InputError } from '../spec/input-error';

/** A prop of a construct that AWS would refuse, or that would not do what it says. */
export class PropsError extends InputError {
  /**
   * @param prop where, as `RedisCache.shards`
   * @param found the value that was given; never a token, whose value is known only when it is deployed
   * @param allowed what may stand there, as `a whole number from 1 to 500`
   */
  constructor(prop: string, found: unknown, allowed: string) {
    super(`${prop}: found ${typeof found === 'string' ? `'${found}'` : String(found)}, expected ${allowed}`);
    this.name = 'PropsError';
  }
}
