// On a phone the sidebars are dialogs. The theme lets go of the button that opened one; give it the focus back.
for (const side of ["primary", "secondary"]) {
  const dialog = document.getElementById(`pst-${side}-sidebar-modal`);
  dialog?.addEventListener("close", () => document.querySelector(`.${side}-toggle`)?.focus());
}

// The theme marks where the reader is in the contents, but loses the place after a jump or a quick scroll.
const places = [...document.querySelectorAll(".bd-sidebar-secondary a.nav-link[href^='#']")];
addEventListener("scrollend", () => {
  const top = ({ hash }) => document.getElementById(decodeURIComponent(hash.slice(1)))?.getBoundingClientRect().top;
  const here = places.findLast((link) => top(link) < 150);
  for (const link of places) {
    link.classList.toggle("active", link === here);
    link.closest("li").classList.toggle("active", here !== undefined && link.closest("li").contains(here));
    if (link === here) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
});
