/** Entry point of a worker thread that holds one model and runs what it is sent, one message after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../lib/spec/message-of';
import { probe, type RunModel } from './probe';
import { ModelSession } from './session';
import { type FromWorker, type ToWorker, transferListOf, type WorkerSettings } from './worker-messages';

function main(): void {
  if (parentPort === null) throw new Error('this file is a worker thread, it does not run by itself');
  const port = parentPort;
  const settings: WorkerSettings = workerData;
  const send = (message: FromWorker, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);
  let session: ModelSession;
  try {
    session = ModelSession.open(settings.modelPath, settings.session);
  } catch (error) {
    send({ kind: 'failed', reason: messageOf(error) });
    return;
  }
  port.on('message', (message: ToWorker) => {
    const reply = answer(session, message);
    send(reply, reply.kind === 'ran' ? transferListOf(reply.outputs) : []);
  });
  send({ kind: 'opened', signature: session.signature });
}

function answer(session: ModelSession, message: ToWorker): FromWorker {
  try {
    if (message.kind === 'probe') {
      const run: RunModel = (inputs, outputs) => session.run(inputs, outputs);
      return { kind: 'probed', report: probe(run, session.signature, message.examples) };
    }
    const { outputs, runMs } = session.run(message.inputs, message.outputs);
    return { kind: 'ran', outputs, runMs };
  } catch (error) {
    return { kind: 'failed', reason: messageOf(error) };
  }
}

main();
