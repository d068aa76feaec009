// Opened as a file, a page may neither load the other scripts nor read the model: say what to do.

if (location.protocol === "file:") {
  document.getElementById("state").textContent = "";
  document.getElementById("error").textContent =
    "A browser lets no page that is opened as a file read the files beside it. In its folder, run " +
    "python -m http.server --bind 127.0.0.1 8000 and open http://127.0.0.1:8000/";
}
