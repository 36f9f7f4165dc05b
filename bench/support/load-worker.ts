import { drive, type LoadOptions, postTemplate } from './load-client';

/** One measurement, for a process of its own, so that measuring and serving do not share an event loop. */
export interface LoadTask {
  readonly port: number;
  readonly path: string;
  /** `#` characters become a counter, so that no two requests are alike. */
  readonly body: string;
  readonly options: LoadOptions;
}

process.once('message', ({ port, path, body, options }: LoadTask) => {
  drive(port, postTemplate(path, body), options).then(
    (result) => process.send?.({ result }),
    (error) => process.send?.({ error: String(error) }),
  );
});
