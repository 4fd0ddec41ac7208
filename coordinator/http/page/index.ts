/** The page that the coordinator serves. */
export { type PageFile, pageFile, readPageFiles } from './page-files.ts'
export { isPagePath, type PageFiles, servePage } from './page-routes.ts'
