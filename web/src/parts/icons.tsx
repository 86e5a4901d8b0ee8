/** Line icons, drawn here; always beside a word or with a label. */
const PATHS = {
  search: "M9 15.5a6.5 6.5 0 1 1 0-13 6.5 6.5 0 0 1 0 13zM14 14l4 4",
  close: "M5 5l10 10M15 5L5 15",
  layers: "M10 3l7 4-7 4-7-4 7-4zM3 10.5l7 4 7-4M3 14l7 4 7-4",
  hexagon: "M6 3h8l4 7-4 7H6l-4-7z",
  list: "M7 5h10M7 10h10M7 15h10M3.5 5h.01M3.5 10h.01M3.5 15h.01",
  moon: "M16.5 12.2A7 7 0 0 1 7.8 3.5a7 7 0 1 0 8.7 8.7z",
  sun: "M10 13.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.3 4.3l1.1 1.1M14.6 14.6l1.1 1.1M4.3 15.7l1.1-1.1M14.6 5.4l1.1-1.1",
  plus: "M10 4v12M4 10h12",
  minus: "M4 10h12",
  home: "M3 8V3h5M17 8V3h-5M3 12v5h5M17 12v5h-5",
  eye: "M2 10s3-5.500 8-5.500 8 5.500 8 5.500-3 5.500-8 5.500S2 10 2 10zM10 12.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z",
  chevron: "M7 4l6 6-6 6",
  check: "M4 10.5l4 4 8-9",
  locate: "M10 15a5 5 0 1 0 0-10 5 5 0 0 0 0 10zM10 2v3M10 15v3M2 10h3M15 10h3",
  relief: "M1.5 16l5.500-9 3.500 5.500 2-3 6 6.500z",
  signal: "M10 17v-6M10 11h.01M6.8 14.200a4.500 4.500 0 1 1 6.400 0M4.300 16.700a8 8 0 1 1 11.400 0",
  clock: "M10 17.500a7.500 7.500 0 1 1 0-15 7.500 7.500 0 0 1 0 15zM10 5.500V10l3 2",
  play: "M6.500 4l9 6-9 6z",
  pause: "M7 4.500v11M13 4.500v11",
  around:
    "M10 8.500a1.500 1.500 0 1 0 0 3 1.500 1.500 0 0 0 0-3M10 5.500a4.500 4.500 0 1 0 0 9 4.500 4.500 0 0 0 0-9M10 2.500a7.500 7.500 0 1 0 0 15 7.500 7.500 0 0 0 0-15",
  link: "M8.5 11.5l3-3M7 9.5L4.8 11.7a3 3 0 0 0 4.3 4.3L11.3 13.800M13 10.5l2.200-2.200a3 3 0 0 0-4.300-4.300L8.700 6.200",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
