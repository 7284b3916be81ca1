import { makeImage } from '../src/storage/embedded/image.js'

// Part of the build: a first start that copies it takes 1 s instead of 5.
await makeImage()
