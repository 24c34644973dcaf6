// On a phone the sidebars are dialogs. The theme lets go of the button that opened one; give it the focus back.
for (const side of ["primary", "secondary"]) {
  const dialog = document.getElementById(`pst-${side}-sidebar-modal`);
  dialog?.addEventListener("close", () => document.querySelector(`.${side}-toggle`)?.focus());
}
