/** The coordinator's page. Everything it needs is in this folder's bundle: it loads nothing from anywhere else. */
import { render } from 'preact'
import { App } from './shell/app.tsx'
import { applyScheme } from './shell/scheme.tsx'
import './styles/main.css'

applyScheme()
const root = document.getElementById('app')
if (root !== null) render(<App />, root)
