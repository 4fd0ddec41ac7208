// @ts-nocheck: AssemblyScript, checked by its own compiler.
// Moves the Sun and the four giant planets in steps of a hundredth of a day; starting values as in the Computer Language Benchmarks Game.
import { answer, mix, SEED, sizeAt } from './reactor'

export { alloc } from './reactor'

const SOLAR_MASS: f64 = 4 * Math.PI * Math.PI
const DAYS: f64 = 365.24
const STEP: f64 = 0.01

class Body {
  constructor(
    public x: f64,
    public y: f64,
    public z: f64,
    public vx: f64,
    public vy: f64,
    public vz: f64,
    public mass: f64,
  ) {}
}

export function run(input: usize, _length: i32): u64 {
  return answer(kernel(sizeAt(input)))
}

function kernel(steps: i32): u64 {
  const bodies = solarSystem()
  for (let step = 0; step < steps; step++) advance(bodies)
  let hash = mix(SEED, reinterpret<u64>(energy(bodies)))
  for (let i = 0; i < bodies.length; i++) hash = mix(hash, reinterpret<u64>(bodies[i].x))
  return hash
}

function body(x: f64, y: f64, z: f64, vx: f64, vy: f64, vz: f64, mass: f64): Body {
  return new Body(x, y, z, vx * DAYS, vy * DAYS, vz * DAYS, mass * SOLAR_MASS)
}

function solarSystem(): StaticArray<Body> {
  const bodies: StaticArray<Body> = [
    body(0, 0, 0, 0, 0, 0, 1),
    body(
      4.84143144246472090, -1.16032004402742839, -0.103622044471123109,
      0.00166007664274403694, 0.00769901118419740425, -0.0000690460016972063023,
      0.000954791938424326609,
    ),
    body(
      8.34336671824457987, 4.12479856412430479, -0.403523417114321381,
      -0.00276742510726411048, 0.00499852801234917238, 0.0000230417297573763929,
      0.000285885980666130812,
    ),
    body(
      12.8943695621391310, -15.1111514016986312, -0.223307578892655734,
      0.00296460137564761618, 0.00237847173959480950, -0.0000296589568540237556,
      0.0000436624404335156298,
    ),
    body(
      15.3796971148509165, -25.9193146099879641, 0.179258772950371181,
      0.00268067772490389322, 0.00162824170038242295, -0.0000951592254519715870,
      0.0000515138902046611451,
    ),
  ]
  let px: f64 = 0
  let py: f64 = 0
  let pz: f64 = 0
  for (let i = 0; i < bodies.length; i++) {
    const one = bodies[i]
    px += one.vx * one.mass
    py += one.vy * one.mass
    pz += one.vz * one.mass
  }
  bodies[0].vx = -px / SOLAR_MASS
  bodies[0].vy = -py / SOLAR_MASS
  bodies[0].vz = -pz / SOLAR_MASS
  return bodies
}

function advance(bodies: StaticArray<Body>): void {
  for (let i = 0; i < bodies.length; i++) {
    const a = bodies[i]
    for (let j = i + 1; j < bodies.length; j++) {
      const b = bodies[j]
      const dx = a.x - b.x
      const dy = a.y - b.y
      const dz = a.z - b.z
      const distance2 = dx * dx + dy * dy + dz * dz
      const magnitude = STEP / (distance2 * Math.sqrt(distance2))
      a.vx -= dx * b.mass * magnitude
      a.vy -= dy * b.mass * magnitude
      a.vz -= dz * b.mass * magnitude
      b.vx += dx * a.mass * magnitude
      b.vy += dy * a.mass * magnitude
      b.vz += dz * a.mass * magnitude
    }
  }
  for (let i = 0; i < bodies.length; i++) {
    const one = bodies[i]
    one.x += STEP * one.vx
    one.y += STEP * one.vy
    one.z += STEP * one.vz
  }
}

function energy(bodies: StaticArray<Body>): f64 {
  let sum: f64 = 0
  for (let i = 0; i < bodies.length; i++) {
    const a = bodies[i]
    sum += 0.5 * a.mass * (a.vx * a.vx + a.vy * a.vy + a.vz * a.vz)
    for (let j = i + 1; j < bodies.length; j++) {
      const b = bodies[j]
      const dx = a.x - b.x
      const dy = a.y - b.y
      const dz = a.z - b.z
      sum -= (a.mass * b.mass) / Math.sqrt(dx * dx + dy * dy + dz * dz)
    }
  }
  return sum
}
