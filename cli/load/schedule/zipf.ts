import type { Random } from './random';

/**
 * Draws ranks from 1 to `size`, the rank k with a probability in proportion to k^−exponent; exponent 0 draws all alike.
 *
 * Rejection-inversion after W. Hörmann and G. Derflinger, "Rejection-inversion to generate variates from monotone
 * discrete distributions", ACM TOMACS 6 (1996): constant time and memory whatever the size. H is an integral of
 * x^−exponent; a uniform point under it is inverted to a rank, and taken if it lies below that rank's bar.
 */
export function zipf(size: number, exponent: number, random: Random): () => number {
  const h = (x: number) => x ** -exponent;
  const integral = (x: number) => powerIntegral(1 - exponent, Math.log(x));
  const inverse = (y: number) => Math.exp(inversePowerIntegral(1 - exponent, y));
  // The bar of rank 1 is taken whole, so the area begins below its middle.
  const lowest = integral(1.5) - 1;
  const highest = integral(size + 0.5);
  const sure = 2 - inverse(integral(2.5) - h(2));
  return () => {
    for (;;) {
      const area = highest + random() * (lowest - highest);
      const x = inverse(area);
      const rank = Math.min(size, Math.max(1, Math.round(x)));
      if (rank - x <= sure || area >= integral(rank + 0.5) - h(rank)) return rank;
    }
  };
}

/** (e^(a·t) − 1)/a, which goes to t as a goes to 0: the integral of x^(a−1) from 1 to e^t. */
function powerIntegral(a: number, t: number): number {
  return Math.abs(a * t) < 1e-9 ? t : Math.expm1(a * t) / a;
}

/** The t of {@link powerIntegral}. */
function inversePowerIntegral(a: number, y: number): number {
  return Math.abs(a * y) < 1e-9 ? y : Math.log1p(Math.max(-1, a * y)) / a;
}
