import { kindNamed } from "../state/results";
import { goToSiting, SITE_PLAN, sitingRef } from "../state/sitingPage";
import { chosenTheme, city, language, searchOpen, theme } from "../state/store";
import { words } from "../words";
import { Breadcrumb } from "./Breadcrumb";
import { Icon } from "./icons";

export function TopBar() {
  const w = words.value;
  return (
    <header class="topbar">
      <h1 class="product">{w.product}</h1>
      <Breadcrumb />
      <span class="space" />
      {city.value?.sample && (
        <span class="badge" title={w.sampleNote}>
          {w.sample}
        </span>
      )}
      <button type="button" class="search-open" data-search onClick={() => (searchOpen.value = true)}>
        <span>{w.searchPlaceholder}</span>
        <kbd>{/Mac|iPhone|iPad/.test(navigator.platform) ? "⌘K" : "Ctrl K"}</kbd>
      </button>
      {kindNamed(SITE_PLAN) && (
        <a
          class="plain"
          href="/desk/siting"
          data-siting
          aria-current={sitingRef.value ? "page" : undefined}
          onClick={(event) => {
            event.preventDefault();
            goToSiting(sitingRef.value ? null : { scenario: null });
          }}
        >
          {w.siteDesk.tool}
        </a>
      )}
      <a class="plain" href="/wall/overview" data-views>
        {w.wall.toWall}
      </a>
      <LanguageButton />
      <ThemeButton />
    </header>
  );
}

export function LanguageButton() {
  const w = words.value;
  return (
    <button
      type="button"
      class="plain"
      lang={language.value === "zh" ? "en" : "zh-CN"}
      aria-label={w.otherLanguageName}
      onClick={() => (language.value = language.value === "zh" ? "en" : "zh")}
    >
      {w.otherLanguage}
    </button>
  );
}

export function ThemeButton() {
  const w = words.value;
  const dark = theme.value === "dark";
  return (
    <button
      type="button"
      class="plain"
      aria-label={dark ? w.toLight : w.toDark}
      title={dark ? w.toLight : w.toDark}
      onClick={() => (chosenTheme.value = dark ? "light" : "dark")}
    >
      <Icon name={dark ? "sun" : "moon"} />
    </button>
  );
}
