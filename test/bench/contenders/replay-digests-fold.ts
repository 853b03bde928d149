import './replay-fold.js'
