/** Why a place is not seen: the nearest cameras, their four tests, and the first failure in words. */
import { useEffect, useRef } from "preact/hooks";

import type { SightCamera } from "../data/sight";
import { letterOf } from "../map/sight";
import { controller } from "../map/current";
import { kindNamed } from "../state/results";
import { select } from "../state/select";
import { asked, closeWhy, LISTED, why, whyProblem } from "../state/sight";
import { language, surface } from "../state/store";
import { tryNew } from "../state/trial";
import { coordinates } from "../words/format";
import { testsOf } from "../words/sight";
import { lengthText } from "../words/lengths";
import { say, words } from "../words";
import { Icon } from "./icons";
import { ProblemNote } from "./States";

export function WhyCard() {
  const w = words.value;
  const place = asked.value;
  const found = why.value;
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => head.current?.focus({ preventScroll: true }), [place]);
  if (!place) return null;
  const close = () => {
    closeWhy();
    controller.value?.container.focus();
  };
  return (
    <aside
      class="panel right why"
      aria-label={w.whyTitle}
      data-cause={found?.cause ?? ""}
      onKeyDown={(event) => event.key === "Escape" && close()}
    >
      <header class="card-head">
        <div class="card-kind">
          <span>{w.whyTitle}</span>
          <button type="button" class="plain" aria-label={w.close} onClick={close}>
            <Icon name="close" />
          </button>
        </div>
        <h2 class="card-title" ref={head} tabIndex={-1}>
          {found ? say(found.sentence) : w.whyLoading}
        </h2>
        <div class="card-sub">
          <span>{taskTitle(place.task)}</span>
          {surface.value !== "field" && <span>{coordinates(place.lng, place.lat)}</span>}
        </div>
      </header>
      <div class="panel-scroll">
        {found ? (
          <>
            {surface.value !== "field" && (
              <p class="trial-begin">
                <button type="button" class="button" onClick={() => tryNew(place.lng, place.lat)}>
                  {w.trial.beginNew}
                </button>
              </p>
            )}
            <ol class="sight-cameras">
              {found.cameras.slice(0, LISTED).map((camera, index) => (
                <CameraRow key={camera.id} camera={camera} letter={letterOf(index)} />
              ))}
            </ol>
          </>
        ) : whyProblem.value ? (
          <ProblemNote title={w.whyFailed} problem={whyProblem.value} />
        ) : (
          <div class="progress" />
        )}
      </div>
    </aside>
  );
}

function taskTitle(task: string): string {
  const form = kindNamed("camera_coverage")?.form ?? [];
  const options = form.find((field) => field.name === "task")?.options ?? [];
  const own = options.find((one) => one.value === task);
  return own ? `${words.value.sightTask} ${say(own.title)}` : "";
}

function CameraRow({ camera, letter }: { camera: SightCamera; letter: string }) {
  const w = words.value;
  return (
    <li class="sight-camera" data-camera={camera.code ?? camera.id} data-reason={camera.reason ?? "seen"}>
      <div class="sight-head">
        <b class="sight-letter">{letter}</b>
        <button type="button" class="link" onClick={() => select("cameras", camera.id)}>
          {camera.name ?? camera.code ?? camera.id}
        </button>
        <span class="muted">{lengthText(camera.distance_m, language.value)}</span>
      </div>
      <p class={camera.sees ? "sight-sees" : "sight-fails"}>{say(camera.sentence)}</p>
      {surface.value !== "field" && (
        <ul class="sight-tests">
          {testsOf(camera).map(({ name, passes }) => (
            <li key={name} data-passes={passes}>
              <span aria-hidden="true">{passes ? "✓" : "✕"}</span> {w.tests[name]}
              <span class="hidden">{passes ? w.testPasses : w.testFails}</span>
            </li>
          ))}
        </ul>
      )}
      {(camera.device_id || camera.video) && (
        <p class="sight-device">
          {camera.device_id && <span class="muted">GB/T 28181 {camera.device_id}</span>}
          {camera.video && (
            <a class="link" href={camera.video} target="_blank" rel="noopener">
              {w.openVideo}
            </a>
          )}
        </p>
      )}
    </li>
  );
}
