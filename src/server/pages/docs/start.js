// Swagger UI follows the class, not the system: the system's wish is handed on.
const dark = matchMedia('(prefers-color-scheme: dark)')
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches)
dark.addEventListener('change', follow)
follow()

// The document next to this page: /docs reads /openapi.json, /v1/docs reads /v1/openapi.json.
const here = location.pathname.replace(/\/docs\/?$/, '')

window.ui = SwaggerUIBundle({
  url: `${here}/openapi.json`,
  domNode: document.getElementById('content'),
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  persistAuthorization: false,
  tryItOutEnabled: true,
  validatorUrl: null,
})
