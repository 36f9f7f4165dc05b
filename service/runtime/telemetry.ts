/**
 * Keeps ONNX Runtime from reporting to its maker: its builds for Linux and macOS name their processes, sessions and
 * models to mobile.events.data.microsoft.com, and keep an id of the machine, unless this variable is there before the
 * first session (microsoft/onnxruntime#27379, #29843). Whoever has set it has decided.
 *
 * To be called on the main thread: what a worker thread writes into its environment does not reach native code.
 */
export function refuseTelemetry(environment: NodeJS.ProcessEnv): void {
  environment.ORT_DISABLE_TELEMETRY ??= '1';
}
