/** Style sheets are put beside the bundle by the build. */
declare module '*.css'
