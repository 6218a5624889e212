// No module, and in the head: a module would run when the page has been drawn in the other colours.
if (localStorage.getItem("pylon:theme")) document.documentElement.dataset.theme = localStorage.getItem("pylon:theme");
