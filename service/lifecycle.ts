/** Where a service stands between its first and its last request. */
export class Lifecycle {
  #phase: 'starting' | 'ready' | 'stopping' = 'starting';

  isReady(): boolean {
    return this.#phase === 'ready';
  }

  /** Answers given from now on are the last on their connections. */
  isStopping(): boolean {
    return this.#phase === 'stopping';
  }

  /** Has no effect once the service stops: a slow load must not bring it back. */
  becomeReady(): void {
    if (this.#phase === 'starting') this.#phase = 'ready';
  }

  /** @returns false where it was stopping already */
  beginStop(): boolean {
    if (this.#phase === 'stopping') return false;
    this.#phase = 'stopping';
    return true;
  }
}
