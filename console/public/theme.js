// Before anything is painted: the theme that was chosen here, if one was. Classic and tiny, so that it blocks no longer
// than it must; in a file, because the page allows no script of its own.
try {
  const kept = localStorage.getItem("checkrein.theme");
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
} catch {
  // Storage is off: the system's theme it is.
}
