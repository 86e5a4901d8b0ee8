import type { zh } from "./zh";

/** What a language must provide: the same keys, texts where there are texts, functions where there are functions. */
type Shape<T> = {
  readonly [K in keyof T]: T[K] extends string
    ? string
    : T[K] extends (...facts: infer Facts) => string
      ? (...facts: Facts) => string
      : Shape<T[K]>;
};

export type WordBook = Shape<typeof zh>;
