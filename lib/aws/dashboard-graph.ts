import { GraphWidget, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';

/** The grid of a dashboard is 24 wide. */
export const FULL_WIDTH = 24;
const HEIGHT = 6;

/** One of four graphs in a row. */
export function graph(
  title: string,
  left: IMetric[],
  { limit, limitLabel }: { readonly limit?: number; readonly limitLabel?: string } = {},
): GraphWidget {
  return new GraphWidget({
    title,
    left,
    leftYAxis: { min: 0 },
    width: FULL_WIDTH / 4,
    height: HEIGHT,
    ...(limit !== undefined && {
      leftAnnotations: [{ value: limit, ...(limitLabel !== undefined && { label: limitLabel }) }],
    }),
  });
}
