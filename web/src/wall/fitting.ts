/** What fits: rows of a list, of which those that do not wrap into columns beside it, and a line of text. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { RefObject } from "preact";

/** Return what to hang on the list, and how many of its rows stand in the first column. */
export function useFitting<T extends HTMLElement>(rows: number): [RefObject<T | null>, number] {
  const list = useRef<T>(null);
  const [fitting, setFitting] = useState(rows);
  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return undefined;
    const look = () => {
      const children = [...element.children] as HTMLElement[];
      const left = children[0]?.offsetLeft ?? 0;
      setFitting(children.filter((child) => child.offsetLeft === left).length);
    };
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => observer.disconnect();
  }, [rows]);
  return [list, Math.min(fitting, rows)];
}

/** Smaller letters cannot be read across a hall: what is still too long is cut. */
const LEAST_SCALE = 0.72;

/**
 * Return what to hang on a line of text that sets `--fit`, how much smaller to draw it so that it fits; `--shrink` is
 * 0 while its length is taken.
 */
export function useFittingText<T extends HTMLElement>(text: string): RefObject<T | null> {
  const line = useRef<T>(null);
  useLayoutEffect(() => {
    const element = line.current;
    if (!element) return undefined;
    const look = () => {
      const put = (fit: number, shrink: number) => {
        element.style.setProperty("--fit", String(fit));
        element.style.setProperty("--shrink", String(shrink));
      };
      put(1, 0);
      const scale = element.clientWidth / element.scrollWidth;
      put(scale < 1 ? Math.max(LEAST_SCALE, 0.99 * scale) : 1, 1);
    };
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => observer.disconnect();
  }, [text]);
  return line;
}
